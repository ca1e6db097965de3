"""The tables of a workspace, and the steps from each version of them to the next.

`PRAGMA user_version` holds the version. A new version is a new step at the end of STEPS; the steps that a database
lacks are taken in one transaction when it is opened for writing.
"""

from __future__ import annotations

import sqlite3

from analyzer.errors import WorkspaceError

APPLICATION = 0x50504C4E  # "PPLN", by which the file is known as ours
TOKENIZE = "porter unicode61 remove_diacritics 2"  # how a text falls into words, endings and accents aside

FIRST = f"""
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again, so that what an index holds can only be right or gone
    digest TEXT NOT NULL UNIQUE,            -- of the text: the same text is stored once
    name TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    title TEXT, date TEXT, outlet TEXT,
    text TEXT NOT NULL,
    record BLOB NOT NULL,                   -- the Document as JSON, without its text
    story INTEGER NOT NULL,                 -- the first document that tells the same: its own id where there is none
    signature BLOB NOT NULL,                -- MinHash of the text
    added TEXT NOT NULL
);
CREATE INDEX documents_by_story ON documents (story);
CREATE INDEX documents_by_source ON documents (source);
CREATE INDEX documents_by_date ON documents (date);
CREATE INDEX documents_by_outlet ON documents (outlet);
CREATE TABLE copies (                       -- further inputs with a text that is stored already
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    source TEXT NOT NULL, outlet TEXT, date TEXT,
    UNIQUE (document, source)
);
CREATE TABLE bands (                        -- documents that share a band of their signatures may tell the same story
    band BLOB NOT NULL, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (band, document)
) WITHOUT ROWID;
CREATE INDEX bands_by_document ON bands (document);
CREATE TABLE plans (id TEXT PRIMARY KEY, digest TEXT NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL, plan_digest TEXT NOT NULL, version TEXT NOT NULL,
    encoder TEXT NOT NULL, judge TEXT NOT NULL, threshold REAL NOT NULL,
    started TEXT NOT NULL, ended TEXT
);
CREATE TABLE readings (                     -- a document that was read against a plan, and in which run
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    plan TEXT NOT NULL REFERENCES plans, run INTEGER NOT NULL REFERENCES runs,
    notices BLOB NOT NULL,
    PRIMARY KEY (document, plan)
) WITHOUT ROWID;
CREATE TABLE failures (                     -- inputs and documents that could not be read, until they can
    source TEXT NOT NULL, plan TEXT NOT NULL, message TEXT NOT NULL,
    run INTEGER REFERENCES runs,            -- none for an input that could not be read at all
    PRIMARY KEY (source, plan)
) WITHOUT ROWID;
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- of one document in one run of numbers, for all are written at once
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    number INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, paragraph INTEGER NOT NULL,
    text TEXT NOT NULL,
    speakers TEXT NOT NULL DEFAULT '',      -- their names, to be found by words, too
    vector BLOB NOT NULL,                   -- of the encoder, in half precision
    UNIQUE (document, number)
);
CREATE TABLE statements (
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    number INTEGER NOT NULL,                -- within the document
    sentence INTEGER NOT NULL REFERENCES sentences ON DELETE CASCADE,
    speech TEXT NOT NULL, said_on TEXT, record BLOB NOT NULL,
    PRIMARY KEY (document, number)
) WITHOUT ROWID;
CREATE INDEX statements_by_sentence ON statements (sentence);
CREATE TABLE sources (                      -- who speaks in a sentence, by a statement (plan '') or by a position
    sentence INTEGER NOT NULL REFERENCES sentences ON DELETE CASCADE,
    plan TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (sentence, plan, name, kind)
) WITHOUT ROWID;
CREATE INDEX sources_by_name ON sources (name, kind);
CREATE TABLE speakers (                     -- the one name that a name of the texts goes by, where it is another
    name TEXT NOT NULL, kind TEXT NOT NULL, entity TEXT NOT NULL,
    PRIMARY KEY (name, kind)
) WITHOUT ROWID;
CREATE TABLE positions (
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    plan TEXT NOT NULL, number INTEGER NOT NULL,
    sentence INTEGER NOT NULL REFERENCES sentences ON DELETE CASCADE,
    target TEXT NOT NULL, stance TEXT NOT NULL, confidence REAL NOT NULL, speech TEXT NOT NULL,
    speaker TEXT, kind TEXT, said_on TEXT,
    reviewed INTEGER NOT NULL DEFAULT 0,
    record BLOB NOT NULL,
    PRIMARY KEY (document, plan, number)
) WITHOUT ROWID;
CREATE INDEX positions_by_sentence ON positions (sentence, stance, target, speaker, kind);
CREATE INDEX positions_by_target ON positions (target, stance, plan, speaker, kind, sentence);
CREATE INDEX positions_by_stance ON positions (stance, speaker, kind, sentence);
CREATE VIRTUAL TABLE words USING fts5 (
    text, speakers, tokenize = "{TOKENIZE}", content = "sentences", content_rowid = "id"
);
CREATE TRIGGER sentence_added AFTER INSERT ON sentences BEGIN
    INSERT INTO words (rowid, text, speakers) VALUES (new.id, new.text, new.speakers);
END;
CREATE TRIGGER sentence_removed AFTER DELETE ON sentences BEGIN
    INSERT INTO words (words, rowid, text, speakers) VALUES ('delete', old.id, old.text, old.speakers);
END;
CREATE TRIGGER sentence_renamed AFTER UPDATE OF speakers ON sentences WHEN old.speakers <> new.speakers BEGIN
    INSERT INTO words (words, rowid, text, speakers) VALUES ('delete', old.id, old.text, old.speakers);
    INSERT INTO words (rowid, text, speakers) VALUES (new.id, new.text, new.speakers);
END;
"""
REVIEWS = """
CREATE TABLE reviews (                      -- what a person said of a position; it outlives the reading
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    plan TEXT NOT NULL,
    verdict TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL,
    alone INTEGER NOT NULL,                 -- nothing else was read in that sentence on that target
    read BLOB NOT NULL,                     -- the position as it was read when it was reviewed
    given BLOB,                             -- and as it counts since; none where it was rejected
    superseded INTEGER REFERENCES reviews ON DELETE SET NULL  -- by a later review of the same position
);
CREATE INDEX reviews_by_document ON reviews (document, plan);
CREATE INDEX reviews_by_plan ON reviews (plan, superseded, verdict);
CREATE INDEX reviews_by_superseded ON reviews (superseded);
ALTER TABLE readings ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;  -- moves up with every review of the document
ALTER TABLE readings ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;  -- positions that are read and were rejected
ALTER TABLE readings ADD COLUMN read BLOB;  -- the positions as they were read, where reviews make others of them; the
-- last column: it is long, and what stands behind it takes a hundred times longer to look through
"""
STEPS = (FIRST, REVIEWS)


def prepare(connection: sqlite3.Connection, shown: str) -> None:
    """Bring the database to the present version; WorkspaceError for one of a newer program or of another kind."""
    version = check_version(connection, shown)
    if version == len(STEPS):
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        for step in STEPS[check_version(connection, shown) :]:  # another process may have been faster
            for statement in _split(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_version(connection: sqlite3.Connection, shown: str) -> int:
    """Return the version of the tables, 0 for an empty file; WorkspaceError if this program cannot use it."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (kind,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (tables or version) and kind != APPLICATION:
        raise WorkspaceError(f"{shown}: a database, but not of a peaceplan workspace; name another folder")
    if version > len(STEPS):
        raise WorkspaceError(
            f"{shown}: written by a newer version of peaceplan (tables {version}, this one knows {len(STEPS)}); "
            "upgrade peace-plan-analyzer"
        )
    return int(version)


def _split(script: str) -> list[str]:
    """The statements of a script, which executescript would commit one by one."""
    statements, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements
