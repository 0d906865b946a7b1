"""`/admin`: areas, offers, names of brands and campaigns."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import ModelAdmin, TabularInline
from django.http import HttpRequest

from amends.record.catalogue.models import Area, CodeName, Offer, OfferVersion


@admin.register(Area)
class AreaAdmin(ModelAdmin):
    """Places on the operator's map."""

    list_display = ("code", "name_zh", "name_en", "parent", "province", "subscribers_count")
    list_filter = ("province",)
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("parent",)


@admin.register(CodeName)
class CodeNameAdmin(ModelAdmin):
    """What brands and campaigns are called on the pages."""

    list_display = ("kind", "code", "name_zh", "name_en")
    list_filter = ("kind",)
    search_fields = ("code", "name_zh", "name_en")


class VersionInline(TabularInline):
    """The terms over time: published terms stay, new ones come by publishing."""

    model = OfferVersion
    fields = ("version", "name_zh", "name_en", "price_minor", "currency", "valid_from", "valid_to")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        return False


@admin.register(Offer)
class OfferAdmin(ModelAdmin):
    """Offers with their versions, to look at."""

    list_display = ("ref", "kind", "provider")
    list_filter = ("kind",)
    search_fields = ("ref",)
    inlines = (VersionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        return False
