"""The tables of the embedded platform's database."""

from __future__ import annotations

# AUTOINCREMENT never gives a number out twice, also after a deletion: that is what makes versions and
# generations change over delete and re-create.
_FIRST = (
    """CREATE TABLE documents (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        collection TEXT NOT NULL,
        data TEXT NOT NULL
    )""",
    "CREATE INDEX documents_by_collection ON documents (collection, path)",
    """CREATE TABLE objects (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        blob TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        checksum TEXT NOT NULL,
        content_type TEXT,
        metadata TEXT NOT NULL,
        updated_us INTEGER NOT NULL,
        accessed_us INTEGER NOT NULL
    )""",
    # due: when the task may be delivered; for a leased one, when its lease lapses.
    """CREATE TABLE tasks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        name TEXT NOT NULL,
        named INTEGER NOT NULL,
        payload TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        due REAL NOT NULL,
        lease TEXT,
        UNIQUE (queue, name)
    )""",
    "CREATE INDEX tasks_by_due ON tasks (queue, due)",
    """CREATE TABLE finished_tasks (
        queue TEXT NOT NULL,
        name TEXT NOT NULL,
        reserved_until REAL NOT NULL,
        PRIMARY KEY (queue, name)
    ) WITHOUT ROWID""",
    "CREATE INDEX finished_tasks_by_time ON finished_tasks (reserved_until)",
    """CREATE TABLE dead_tasks (
        id INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        name TEXT NOT NULL,
        payload TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        error TEXT NOT NULL,
        died REAL NOT NULL
    )""",
)

# The file whose bytes were last found to be the row's: see BlobFolder.identity.
_IDENTITIES = ("ALTER TABLE objects ADD COLUMN identity TEXT",)

#: What takes a store of format N to N + 1, in order; an empty file is of format 0.
FORMATS = (_FIRST, _IDENTITIES)
