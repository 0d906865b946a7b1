"""Addresses of the public site."""

from __future__ import annotations

from django.urls import include, path

from amends.entrances.portals.public import (
    about_us,
    answers,
    chat,
    complain,
    confirm,
    follow,
    home,
    identity,
    kiosk,
    statements,
    status,
)
from amends.entrances.portals.public import my_orders as orders
from amends.entrances.portals.public import my_privacy as privacy
from amends.entrances.portals.public import my_protection as protection
from amends.entrances.portals.public import my_reminders as reminders
from amends.entrances.portals.public import my_services as mine
from amends.entrances.portals.public.statement_feed import StatementFeed

app_name = "public"

_complain = [
    path("", complain.complain, name="complain"),
    path("about/", complain.about, name="about"),
    path("reach/", complain.reach, name="reach"),
    path("check/", complain.check, name="check"),
    path("receipt/", complain.receipt, name="receipt"),
    path("discard/", complain.discard, name="discard"),
]
_mine = [
    path("", mine.my_number, name="mine"),
    path("code/", mine.my_code, name="my_code"),
    path("services/", mine.my_services, name="my_services"),
    path("order/", orders.order_mine, name="order_mine"),
    path("services/<str:service>/stop/", mine.stop_mine, name="stop_mine"),
    path("orders/<str:order>/", mine.answer_mine, name="answer_mine"),
    path("orders/<str:order>/receipt/", mine.my_receipt, name="my_receipt"),
    path("reminders/", reminders.my_reminders, name="my_reminders"),
    path("reminders/<str:duty>/", reminders.choose_mine, name="choose_mine"),
    path("holds/<str:key>/", reminders.answer_hold, name="answer_hold"),
    path("looks/", mine.my_looks, name="my_looks"),
    path("privacy/", privacy.my_privacy, name="my_privacy"),
    path("privacy/ask/", privacy.ask_mine, name="ask_mine"),
    path("privacy/consents/<str:purpose>/", privacy.consent_mine, name="consent_mine"),
    path(
        "privacy/consents/<str:purpose>/receipt/",
        privacy.consent_receipt_mine,
        name="consent_receipt_mine",
    ),
    path("privacy/copies/<str:ref>/", privacy.copy_mine, name="copy_mine"),
    path("protection/", protection.my_protection, name="my_protection"),
    path("protection/adverts/", protection.adverts_mine, name="adverts_mine"),
    path("protection/settings/", protection.settings_mine, name="protection_settings_mine"),
    path("protection/numbers/", protection.number_mine, name="number_mine"),
    path("protection/numbers/<str:ref>/", protection.remove_number_mine, name="remove_number_mine"),
    path("protection/stopped/<str:ref>/", protection.wrong_mine, name="wrong_mine"),
    path("protection/guardian/object/", protection.object_mine, name="object_mine"),
    path("protection/minor/", protection.minor_mine, name="minor_mine"),
    path("protection/report/", protection.report_mine, name="report_mine"),
    path("protection/appeal/", protection.appeal_mine, name="appeal_mine"),
    path("protection/reports/<str:ref>/", protection.withdraw_mine, name="withdraw_mine"),
    path("leave/", mine.leave_mine, name="leave_mine"),
]
_chat = [
    path("", chat.chat, name="chat"),
    path("news/", chat.chat_news, name="chat_news"),
    path("act/", chat.chat_act, name="chat_act"),
    path("complaint/", chat.chat_complaint, name="chat_complaint"),
    path("rating/", chat.chat_rating, name="chat_rating"),
    path("address/", chat.chat_address, name="chat_address"),
    path("identity/", chat.chat_identity, name="chat_identity"),
    path("code/", chat.chat_code, name="chat_code"),
    path("transcript/", chat.chat_transcript, name="chat_transcript"),
    path("leave/", chat.chat_leave, name="chat_leave"),
]
_kiosk = [
    path("", kiosk.start, name="kiosk"),
    path("device/", kiosk.device, name="kiosk_device"),
    path("end/", kiosk.finish, name="kiosk_end"),
    path("alive/", kiosk.alive, name="kiosk_alive"),
    path("number/", kiosk.number, name="kiosk_number"),
    path("code/", kiosk.code, name="kiosk_code"),
    path("me/", kiosk.me, name="kiosk_me"),
    path("usage/", kiosk.usage, name="kiosk_usage"),
    path("services/", kiosk.services, name="kiosk_services"),
    path("offers/", kiosk.offers, name="kiosk_offers"),
    path("orders/<str:ref>/", kiosk.order, name="kiosk_order"),
    path("reminders/", kiosk.reminders, name="kiosk_reminders"),
    path("report/", kiosk.report, name="kiosk_report"),
    path("complain/", kiosk.complain, name="kiosk_complain"),
    path("receipt/", kiosk.receipt, name="kiosk_receipt"),
    path("status/", kiosk.status, name="kiosk_status"),
]
_followed = [
    path("", status.status, name="followed"),
    path("identity/", identity.identity, name="identity"),
    path("proposal/", answers.proposal, name="proposal"),
    path("solved/", answers.solved, name="solved"),
    path("pass-on/", answers.passed_on, name="pass_on"),
    path("withdraw/", answers.withdrawn, name="withdraw"),
    path("reopen/", answers.reopened, name="reopen"),
    path("more/", answers.more, name="more"),
    path("looks/", status.looks, name="looks"),
    path("leave/", status.leave, name="leave"),
    path("letters/<str:letter>/", status.letter, name="letter"),
    path("files/<str:file>/", status.file, name="file"),
]

# By their beginnings, so that an address is compared with few others.
urlpatterns = [
    path("", home.home, name="home"),
    path("statements/atom/<str:language>/", StatementFeed(), name="statement_feed"),
    path("statements/", statements.statements, name="statements"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path(".well-known/security.txt", about_us.security_contact, name="security_contact"),
    path("privacy/", about_us.privacy, name="privacy"),
    path("accessibility/", about_us.accessibility, name="accessibility"),
    path("follow/", follow.follow, name="follow"),
    path("complain/", include(_complain)),
    path("mine/", include(_mine)),
    path("chat/", include(_chat)),
    path("kiosk/", include(_kiosk)),
    path("follow/<str:code>/", include(_followed)),
]
