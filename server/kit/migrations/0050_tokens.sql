-- The ledger. A transfer is two rows of opposite sign; rows are never changed and never go away, not with the
-- person either: then nothing but a number stands behind `user:<id>`.
CREATE TABLE token_entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transfer_id uuid NOT NULL,
    account text NOT NULL CHECK (account ~ '^((user|held):[0-9a-f-]{36}|revenue|issued|refunded)$'),
    amount bigint NOT NULL CHECK (amount <> 0),
    type text NOT NULL CHECK (
        type IN ('purchase', 'use', 'reward', 'grant', 'refund', 'reserve', 'settle', 'release', 'lapse', 'admin')
    ),
    key text NOT NULL,
    feature text NOT NULL,
    reason text NOT NULL,
    job_id uuid,
    available bigint CHECK (available >= 0),
    created_at timestamptz NOT NULL,
    UNIQUE (transfer_id, account)
);
CREATE UNIQUE INDEX token_entries_key ON token_entries (key) WHERE amount > 0;
CREATE INDEX token_entries_account ON token_entries (account, id);

CREATE FUNCTION check_token_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT count(*) <> 2 OR sum(amount) <> 0 OR count(DISTINCT (type, key, feature, reason, job_id, created_at)) <> 1
        FROM token_entries WHERE transfer_id = NEW.transfer_id
    ) THEN
        RAISE EXCEPTION 'token transfer % is not two rows of one kind that cancel out', NEW.transfer_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER token_transfer_is_whole AFTER INSERT ON token_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_token_transfer();

CREATE FUNCTION refuse_token_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'token_entries is append-only' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER token_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON token_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_token_change();

-- What the entries of a person add up to: user:<id> = granted + earned + bought - debt, held:<id> = held.
-- Debt is what was refunded and already spent, so bought tokens and debt cancel out before they can meet.
CREATE TABLE token_accounts (
    user_id uuid PRIMARY KEY REFERENCES principals (id),
    granted bigint NOT NULL DEFAULT 0 CHECK (granted >= 0),
    earned bigint NOT NULL DEFAULT 0 CHECK (earned >= 0),
    bought bigint NOT NULL DEFAULT 0 CHECK (bought >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    debt bigint NOT NULL DEFAULT 0 CHECK (debt >= 0),
    CHECK (bought = 0 OR debt = 0)
);

-- What is left of each grant until its period ends; together they are `granted`.
CREATE TABLE token_grants (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES token_accounts,
    left_amount bigint NOT NULL CHECK (left_amount >= 0),
    ends_at timestamptz NOT NULL
);
CREATE INDEX token_grants_own ON token_grants (user_id, ends_at, id) WHERE left_amount > 0;
CREATE INDEX token_grants_ending ON token_grants (ends_at) WHERE left_amount > 0;

-- Every pack that was bought, and how many of its tokens were taken back.
CREATE TABLE token_purchases (
    key text PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES token_accounts,
    amount bigint NOT NULL CHECK (amount > 0),
    reversed bigint NOT NULL DEFAULT 0 CHECK (reversed BETWEEN 0 AND amount)
);

-- A job's reservation and from which buckets it came; settled or released once. Open ones are `held`.
CREATE TABLE token_holds (
    job_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES token_accounts,
    feature text NOT NULL,
    granted bigint NOT NULL CHECK (granted >= 0),
    earned bigint NOT NULL CHECK (earned >= 0),
    bought bigint NOT NULL CHECK (bought >= 0),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'released')),
    settled bigint NOT NULL DEFAULT 0 CHECK (settled BETWEEN 0 AND granted + earned + bought),
    lease_until timestamptz NOT NULL,
    CHECK (granted + earned + bought > 0),
    CHECK (state = 'settled' OR settled = 0)
);
CREATE INDEX token_holds_open ON token_holds (lease_until) WHERE state = 'open';

CREATE TABLE token_hold_grants (
    job_id uuid NOT NULL REFERENCES token_holds,
    grant_id uuid NOT NULL REFERENCES token_grants,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (job_id, grant_id)
);

-- What can be bought. A pack that is no longer sold keeps its row.
CREATE TABLE token_packs (
    id text PRIMARY KEY,
    title text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    price_minor integer NOT NULL CHECK (price_minor > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    place integer NOT NULL,
    is_sold boolean NOT NULL DEFAULT true
);
INSERT INTO token_packs (id, title, amount, price_minor, currency, place) VALUES
    ('pack-100', '100 tokens', 100, 500, 'EUR', 1),
    ('pack-500', '500 tokens', 500, 2000, 'EUR', 2),
    ('pack-2000', '2,000 tokens', 2000, 6000, 'EUR', 3);

-- What earns tokens, once for each person. `auto` is believed; all else somebody looks at.
CREATE TABLE social_tasks (
    id text PRIMARY KEY,
    title text NOT NULL,
    line text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    proof text NOT NULL CHECK (proof IN ('url', 'text')),
    review text NOT NULL CHECK (review IN ('manual', 'auto')),
    place integer NOT NULL,
    is_open boolean NOT NULL DEFAULT true
);
INSERT INTO social_tasks (id, title, line, amount, proof, review, place) VALUES
    ('share-preset', 'Share a preset', 'Post a link to a sound of yours and tell us where.', 20, 'url', 'manual', 1),
    ('write-review', 'Write a review', 'Say in public what it does for you, good or bad, and tell us where.', 50, 'url', 'manual', 2),
    ('follow', 'Follow us', 'Tell us the name by which you follow.', 5, 'text', 'auto', 3);

CREATE TABLE social_claims (
    id uuid PRIMARY KEY,
    task_id text NOT NULL REFERENCES social_tasks,
    user_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    proof text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
    note text NOT NULL DEFAULT '',
    reviewer_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    reviewed_at timestamptz,
    UNIQUE (user_id, task_id),
    CHECK ((state = 'pending') = (reviewed_at IS NULL))
);
CREATE INDEX social_claims_pending ON social_claims (created_at, id) WHERE state = 'pending';

-- down
DROP TABLE social_claims;
DROP TABLE social_tasks;
DROP TABLE token_packs;
DROP TABLE token_hold_grants;
DROP TABLE token_holds;
DROP TABLE token_purchases;
DROP TABLE token_grants;
DROP TABLE token_accounts;
DROP TABLE token_entries;
DROP FUNCTION refuse_token_change;
DROP FUNCTION check_token_transfer;
