-- People with an account. The row of `principals` stays when they go: it is the pseudonym that ledgers keep.
CREATE TABLE users (
    id uuid PRIMARY KEY REFERENCES principals,
    email text NOT NULL,
    email_key text NOT NULL UNIQUE,
    name text NOT NULL DEFAULT '',
    role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    verified_at timestamptz,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE profiles (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    artist_name text NOT NULL DEFAULT '',
    bio text NOT NULL DEFAULT '',
    website text NOT NULL DEFAULT '',
    country text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE credentials (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    totp_secret text,
    totp_since timestamptz,
    totp_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- A family of refresh tokens: the token says its generation, the row which one is the newest.
CREATE TABLE login_sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    generation int NOT NULL DEFAULT 1,
    rotated_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    revoked_at timestamptz,
    revoked_why text
);

CREATE INDEX login_sessions_user ON login_sessions (user_id, created_at DESC);

CREATE TABLE email_tokens (
    hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    email text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX email_tokens_user ON email_tokens (user_id, purpose);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at timestamptz
);

CREATE INDEX api_keys_user ON api_keys (user_id, created_at);

-- down
DROP TABLE api_keys;
DROP TABLE email_tokens;
DROP TABLE login_sessions;
DROP TABLE recovery_codes;
DROP TABLE credentials;
DROP TABLE profiles;
DROP TABLE users;
