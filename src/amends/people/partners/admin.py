"""`/admin`: partners, their contracts and sanctions."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import ModelAdmin, TabularInline
from django.http import HttpRequest

from amends.people.partners.models import Contract, Partner, Sanction


class ContractInline(TabularInline):
    """What the partner may do, from when to when."""

    model = Contract
    extra = 0


class SanctionInline(TabularInline):
    """What was held against the partner; it stays on record."""

    model = Sanction
    extra = 0
    can_delete = False


@admin.register(Partner)
class PartnerAdmin(ModelAdmin):
    """Firms that work for or with the operator."""

    list_display = ("ref", "kind", "name_zh", "name_en")
    list_filter = ("kind",)
    search_fields = ("ref", "name_zh", "name_en")
    inlines = (ContractInline, SanctionInline)

    def has_delete_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        return False
