-- Who did what that matters for safety, money or work. Written with what it tells of, and never changed.
CREATE TABLE audit_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    principal_id uuid,
    action text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    request_id text NOT NULL,
    metadata jsonb NOT NULL
);

CREATE INDEX audit_logs_principal ON audit_logs (principal_id, id DESC);
CREATE INDEX audit_logs_request ON audit_logs (request_id);
CREATE INDEX audit_logs_at ON audit_logs USING brin (at);

-- down
DROP TABLE audit_logs;
