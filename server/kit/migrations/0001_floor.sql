-- The event log: one row per principal holds its head, so the row lock makes the order of commits the order of seq.
CREATE TABLE event_heads (
    principal_id uuid PRIMARY KEY,
    epoch bigint NOT NULL,
    seq bigint NOT NULL
);

CREATE TABLE events (
    principal_id uuid NOT NULL REFERENCES event_heads ON DELETE CASCADE,
    seq bigint NOT NULL,
    ts timestamptz NOT NULL DEFAULT clock_timestamp(),
    topic text NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    v int NOT NULL,
    PRIMARY KEY (principal_id, seq)
);

CREATE INDEX events_ts ON events USING brin (ts);

-- down
DROP TABLE events;
DROP TABLE event_heads;
