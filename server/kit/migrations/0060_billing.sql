-- What is sold. A limit is a number, or null where nothing is counted; what a plan does not name it does not include.
-- How long the free plan may listen is a setting, so its row is silent about it.
CREATE TABLE plans (
    name text PRIMARY KEY,
    title text NOT NULL,
    rank integer NOT NULL UNIQUE,
    monthly_tokens bigint NOT NULL CHECK (monthly_tokens >= 0),
    limits jsonb NOT NULL
);
INSERT INTO plans (name, title, rank, monthly_tokens, limits) VALUES
    ('free', 'Free', 0, 0, '{"multi_project": 1, "daily_release_limit": 1}'),
    ('trial', 'Trial', 1, 100, '{"listening_time": null, "multi_project": null, "daily_release_limit": null}'),
    ('pro', 'Pro', 2, 300, '{"listening_time": null, "multi_project": null, "daily_release_limit": null}'),
    ('studio', 'Studio', 3, 1200,
     '{"listening_time": null, "multi_project": null, "daily_release_limit": null, "stem_separation": null}');

CREATE TABLE prices (
    id text PRIMARY KEY,
    plan text NOT NULL REFERENCES plans,
    every text NOT NULL CHECK (every IN ('month', 'year')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    UNIQUE (plan, every, currency)
);
INSERT INTO prices (id, plan, every, amount_minor, currency) VALUES
    ('pro-month', 'pro', 'month', 900, 'EUR'),
    ('pro-year', 'pro', 'year', 9000, 'EUR'),
    ('studio-month', 'studio', 'month', 2400, 'EUR'),
    ('studio-year', 'studio', 'year', 24000, 'EUR');

-- Who a person is to a provider. Its row is what everything that a provider tells of that person is set under.
CREATE TABLE payment_customers (
    provider text NOT NULL,
    user_id uuid NOT NULL REFERENCES principals,
    customer_id text NOT NULL,
    PRIMARY KEY (provider, user_id),
    UNIQUE (provider, customer_id)
);

-- The trial is one too; it has no provider, and that it is over is read from the clock.
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES principals,
    provider text,
    remote_id text,
    plan text NOT NULL REFERENCES plans,
    price_id text REFERENCES prices,
    status text NOT NULL CHECK (status IN ('trialing', 'incomplete', 'active', 'past_due', 'ended')),
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    cancel_reason text NOT NULL DEFAULT '' CHECK (char_length(cancel_reason) <= 500),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    reminded_at timestamptz,
    UNIQUE (provider, remote_id),
    CHECK ((provider IS NULL) = (remote_id IS NULL)),
    CHECK ((provider IS NULL) = (price_id IS NULL)),
    CHECK ((provider IS NULL) = (status = 'trialing'))
);
CREATE INDEX subscriptions_own ON subscriptions (user_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX subscriptions_one_trial ON subscriptions (user_id) WHERE provider IS NULL;
CREATE INDEX subscriptions_trials ON subscriptions (period_end) WHERE provider IS NULL AND ended_at IS NULL;

CREATE TABLE invoices (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES principals,
    provider text NOT NULL,
    remote_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible', 'refunded')),
    url text NOT NULL,
    issued_at timestamptz NOT NULL,
    paid_at timestamptz,
    UNIQUE (provider, remote_id)
);
CREATE INDEX invoices_own ON invoices (user_id, issued_at DESC, id DESC);

-- What somebody began to buy. The price is frozen here; `tokens` is what a pack was to bring.
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES principals,
    kind text NOT NULL CHECK (kind IN ('subscription', 'token_pack', 'song')),
    provider text NOT NULL,
    item text NOT NULL,
    tokens bigint CHECK (tokens > 0),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'paid', 'failed', 'refunded')),
    payment_id text,
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    UNIQUE (provider, payment_id),
    CHECK ((kind = 'token_pack') = (tokens IS NOT NULL))
);
CREATE INDEX orders_own ON orders (user_id, created_at DESC, id DESC);

-- Everything that a provider told us, as it was signed. `kind`, `object_id` and `customer_id` say what to look at.
CREATE TABLE payment_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    kind text NOT NULL,
    object_id text NOT NULL,
    customer_id text NOT NULL,
    reference text NOT NULL,
    payload text NOT NULL,
    status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'applied', 'failed', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL,
    applied_at timestamptz,
    UNIQUE (provider, event_id)
);
CREATE INDEX payment_events_undone ON payment_events (id) WHERE status <> 'applied';

-- The answers to requests that may be sent again: one per person and key, for a day.
CREATE TABLE idempotent_answers (
    principal_id uuid NOT NULL REFERENCES principals ON DELETE CASCADE,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    answer text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, key)
);
CREATE INDEX idempotent_answers_age ON idempotent_answers (created_at);

-- The books of the local stand-in for a payment provider: no other table knows them, and they know no other.
CREATE TABLE local_clock (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    ahead_s double precision NOT NULL DEFAULT 0 CHECK (ahead_s >= 0)
);
INSERT INTO local_clock DEFAULT VALUES;

CREATE TABLE local_customers (
    id text PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    email text NOT NULL,
    card text NOT NULL DEFAULT '',
    is_good_card boolean NOT NULL DEFAULT false
);

CREATE TABLE local_checkouts (
    id text PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    customer_id text NOT NULL REFERENCES local_customers,
    label text NOT NULL,
    price_id text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    every text NOT NULL CHECK (every IN ('', 'month', 'year')),
    reference text NOT NULL,
    success_url text NOT NULL,
    cancel_url text NOT NULL,
    is_done boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

CREATE TABLE local_portals (
    id text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES local_customers,
    return_url text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE local_subscriptions (
    id text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES local_customers,
    price_id text NOT NULL,
    label text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    every text NOT NULL CHECK (every IN ('month', 'year')),
    status text NOT NULL CHECK (status IN ('active', 'past_due', 'ended')),
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    ended_at timestamptz
);
CREATE INDEX local_subscriptions_due ON local_subscriptions (period_end) WHERE status <> 'ended';

CREATE TABLE local_invoices (
    id text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES local_customers,
    subscription_id text NOT NULL REFERENCES local_subscriptions,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'paid', 'uncollectible')),
    issued_at timestamptz NOT NULL,
    paid_at timestamptz
);

CREATE TABLE local_payments (
    id text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES local_customers,
    reference text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('paid', 'failed')),
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    is_disputed boolean NOT NULL DEFAULT false
);

CREATE TABLE local_deliveries (
    id text PRIMARY KEY,
    payload text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    delivered_at timestamptz
);
CREATE INDEX local_deliveries_due ON local_deliveries (next_try_at) WHERE delivered_at IS NULL;

-- down
DROP TABLE local_deliveries, local_payments, local_invoices, local_subscriptions, local_portals;
DROP TABLE local_checkouts, local_customers, local_clock;
DROP TABLE idempotent_answers, payment_events, orders, invoices, subscriptions, payment_customers, prices, plans;
