-- What every other row points to. A guest gets a row with the first thing that is kept, not before.
CREATE TABLE principals (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('guest', 'user')),
    zone text NOT NULL DEFAULT 'UTC',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- down
DROP TABLE principals;
