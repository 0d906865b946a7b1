"""Certificates belong to the partner whose check they came from; who sent in each app."""

from django.db import migrations


def fill(apps, schema_editor):
    check = apps.get_model("vetting", "AppCheck")
    certificate = apps.get_model("vetting", "AppCertificate")
    user = apps.get_model("access", "User")
    partners = {
        ref
        for ref, partner, roles in user.objects.values_list("ref", "partner", "roles").iterator()
        if partner or "agent" in roles
    }
    for ref, received_by in list(check.objects.values_list("pk", "received_by")):
        if received_by in partners:
            check.objects.filter(pk=ref).update(sent_by_partner=True)
    owners = dict(check.objects.exclude(partner="").values_list("pk", "partner"))
    for pk, check_of in list(certificate.objects.values_list("pk", "check_of_id")):
        if check_of in owners:
            certificate.objects.filter(pk=pk).update(partner=owners[check_of])


class Migration(migrations.Migration):
    dependencies = [
        ("vetting", "0006_partner_scope"),
        ("access", "0003_user_initial_password_until"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
