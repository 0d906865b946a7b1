"""Addresses of case work: settings, notifications and quality review."""

from __future__ import annotations

from django.urls import path

from amends.work.casework.web import notifications, reviews, settings

urlpatterns = [
    path("settings/teams/", settings.team_list, name="teams"),
    path("settings/teams/new/", settings.edit_team, name="new_team"),
    path("settings/teams/<slug:slug>/", settings.edit_team, name="edit_team"),
    path("settings/teams/<slug:slug>/remove/", settings.drop_team, name="remove_team"),
    path("settings/rules/", settings.rule_list, name="assignment_rules"),
    path("settings/rules/new/", settings.edit_rule, name="new_rule"),
    path("settings/rules/<int:number>/", settings.edit_rule, name="edit_rule"),
    path("settings/rules/<int:number>/remove/", settings.drop_rule, name="remove_rule"),
    path("settings/texts/", settings.module_list, name="text_modules"),
    path("settings/texts/new/", settings.edit_module, name="new_text_module"),
    path("settings/texts/<int:number>/", settings.edit_module, name="edit_text_module"),
    path("settings/texts/<int:number>/remove/", settings.drop_module, name="remove_text_module"),
    path("settings/absences/", settings.absences, name="absences"),
    path("settings/absences/<int:number>/remove/", settings.drop_absence, name="remove_absence"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/seen/", notifications.all_seen, name="notifications_seen"),
    path("reviews/", reviews.reviews, name="quality_reviews"),
    path("reviews/mine/", reviews.own_reviews, name="own_reviews"),
    path("reviews/<int:number>/", reviews.review_case, name="review_case"),
]
