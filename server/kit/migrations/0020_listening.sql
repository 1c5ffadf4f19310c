-- One row per listening. `generation` rises with each takeover: a process that lost the session writes to no row.
-- Frames before `credited_pos` are in `usage_daily`, so that what is sent again after a takeover counts once.
CREATE TABLE listening_sessions (
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    generation integer NOT NULL DEFAULT 1 CHECK (generation >= 1),
    mode text NOT NULL,
    title text NOT NULL,
    preset text,
    device text NOT NULL,
    planned_s double precision NOT NULL CHECK (planned_s > 0),
    heard_s double precision NOT NULL DEFAULT 0 CHECK (heard_s >= 0),
    underruns integer NOT NULL DEFAULT 0 CHECK (underruns >= 0),
    credited_pos bigint NOT NULL DEFAULT 0 CHECK (credited_pos >= 0),
    instance jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL,
    ended_at timestamptz,
    reason text,
    success boolean,
    CHECK ((ended_at IS NULL) = (reason IS NULL)),
    CHECK ((ended_at IS NULL) = (success IS NULL))
);
CREATE INDEX listening_sessions_own ON listening_sessions (principal_id, started_at DESC, id DESC);
CREATE INDEX listening_sessions_open ON listening_sessions (kept_at) WHERE ended_at IS NULL;

-- What the allowance counts: positions that a listener's credit has covered, per day of the principal's zone.
-- `batch` names the last write, so that one whose answer was lost can be sent again and counts once.
CREATE TABLE usage_daily (
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    day date NOT NULL,
    credited_frames bigint NOT NULL DEFAULT 0 CHECK (credited_frames >= 0),
    batch uuid NOT NULL,
    warned_at timestamptz,
    reached_at timestamptz,
    PRIMARY KEY (principal_id, day)
);

-- down
DROP TABLE usage_daily;
DROP TABLE listening_sessions;
