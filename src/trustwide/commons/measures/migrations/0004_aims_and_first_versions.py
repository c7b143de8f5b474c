"""The aims a partnership begins with, and the versions that were in force before versions had a history."""

from django.db import migrations
from django.utils import timezone

# deployments name their own; measures refer to the codes
AIMS = (
    ("access", "Care in time"),
    ("quality", "Safe and right first time"),
    ("experience", "A good experience of care"),
    ("workforce", "Staff who are trained and well"),
    ("efficiency", "Good use of what we have"),
)


def forwards(apps, schema_editor):
    aims = apps.get_model("measures", "StrategicAim")
    for position, (code, title) in enumerate(AIMS, 1):
        aims.objects.get_or_create(code=code, defaults={"title": title, "position": position})
    versions = apps.get_model("measures", "DefinitionVersion")
    for old in apps.get_model("measures", "MeasureVersion").objects.all():
        versions.objects.create(measure=old.measure, number=1, version=old.version, since=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("measures", "0003_signals_versions_forecasts")]
    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop),
        migrations.DeleteModel(name="MeasureVersion"),
    ]
