-- What we write to people. The body of a letter goes when the letter has gone: a link in it may open an account.
CREATE TABLE letters (
    id uuid PRIMARY KEY,
    message_id text UNIQUE,
    principal_id uuid REFERENCES principals ON DELETE SET NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('transactional', 'newsletter')),
    unsubscribe_url text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    attempts int NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    bounced_at timestamptz,
    CHECK (kind = 'transactional' OR unsubscribe_url <> '')
);

CREATE INDEX letters_created_at ON letters (created_at);
CREATE INDEX letters_principal_id ON letters (principal_id) WHERE principal_id IS NOT NULL;

-- Who wants the newsletter. A row without confirmed_at is a question that was mailed, not a subscription.
CREATE TABLE newsletter_subscriptions (
    address_key text PRIMARY KEY,
    address text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    confirm_token text NOT NULL UNIQUE,
    unsubscribe_token text NOT NULL UNIQUE
);

-- down
DROP TABLE newsletter_subscriptions;
DROP TABLE letters;
