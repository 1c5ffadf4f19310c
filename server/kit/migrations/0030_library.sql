-- What a person thought of a listening, once it was over.
ALTER TABLE listening_sessions
    ADD COLUMN rating smallint CHECK (rating BETWEEN 1 AND 5),
    ADD COLUMN note text NOT NULL DEFAULT '' CHECK (char_length(note) <= 500);
CREATE INDEX listening_sessions_own_open ON listening_sessions (principal_id, started_at DESC)
    WHERE ended_at IS NULL;

-- One's own presets, in the order of `place`: it rises, and its gaps mean nothing.
CREATE TABLE presets (
    id uuid PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 60),
    minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 720),
    program jsonb NOT NULL,
    place integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX presets_own ON presets (principal_id, place);

-- `preset` is the id of a built-in preset or of one's own; with one's own the favourite goes.
CREATE TABLE favourites (
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    preset text NOT NULL,
    own_id uuid REFERENCES presets (id) ON DELETE CASCADE,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (principal_id, preset),
    CHECK (own_id IS NULL OR preset = own_id::text)
);
CREATE INDEX favourites_of_own ON favourites (own_id) WHERE own_id IS NOT NULL;

-- down
DROP TABLE favourites;
DROP TABLE presets;
DROP INDEX listening_sessions_own_open;
ALTER TABLE listening_sessions DROP COLUMN note, DROP COLUMN rating;
