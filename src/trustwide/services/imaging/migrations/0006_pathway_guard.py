from django.db import migrations

from trustwide.services.imaging.requests.guards import PATHWAY


class Migration(migrations.Migration):
    dependencies = [("imaging", "0005_requests_and_booking")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: PATHWAY.install(schema_editor.connection),
            lambda apps, schema_editor: PATHWAY.remove(schema_editor.connection),
        )
    ]
