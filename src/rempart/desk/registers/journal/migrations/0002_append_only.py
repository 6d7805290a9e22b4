"""The journal only grows: the database itself refuses to change or remove a line, whatever program asks."""

from django.db import migrations

TABLE = "journal_entry"
REFUSAL = "the journal is append-only"

SQLITE = [
    f"CREATE TRIGGER journal_no_{verb.lower()} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for verb in ("UPDATE", "DELETE")
] + [
    # INSERT OR REPLACE removes the old line without telling the trigger above.
    f"""
    CREATE TRIGGER journal_no_replace BEFORE INSERT ON {TABLE} WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
]
SQLITE_BACK = [f"DROP TRIGGER IF EXISTS journal_no_{verb}" for verb in ("update", "delete", "replace")]

POSTGRESQL = [
    f"""
    CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    # TRUNCATE is the third way to lose lines; a trigger for each row never sees it.
    f"""
    CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()
    """,
]
POSTGRESQL_BACK = [f"DROP TRIGGER IF EXISTS journal_append_only ON {TABLE}", "DROP FUNCTION IF EXISTS journal_refuse()"]


def forbid(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def allow(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


def run(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
