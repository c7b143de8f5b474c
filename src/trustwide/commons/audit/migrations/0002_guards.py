from django.db import migrations

from trustwide.commons.audit import guards


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: guards.AUDIT.install(schema_editor.connection),
            lambda apps, schema_editor: guards.AUDIT.remove(schema_editor.connection),
        )
    ]
