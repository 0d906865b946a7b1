"""Addresses of the public site."""

from __future__ import annotations

from django.urls import path

from amends.portals.public import (
    answers,
    complain,
    confirm,
    follow,
    home,
    identity,
    mine,
    reminders,
    statements,
    status,
)

app_name = "public"

urlpatterns = [
    path("", home.home, name="home"),
    path("statements/", statements.statements, name="statements"),
    path("complain/", complain.complain, name="complain"),
    path("complain/about/", complain.about, name="about"),
    path("complain/reach/", complain.reach, name="reach"),
    path("complain/check/", complain.check, name="check"),
    path("complain/receipt/", complain.receipt, name="receipt"),
    path("complain/discard/", complain.discard, name="discard"),
    path("confirm/<str:token>/", confirm.confirm, name="confirm"),
    path("mine/", mine.my_number, name="mine"),
    path("mine/services/", mine.my_services, name="my_services"),
    path("mine/services/<str:service>/stop/", mine.stop_mine, name="stop_mine"),
    path("mine/orders/<str:order>/", mine.answer_mine, name="answer_mine"),
    path("mine/orders/<str:order>/receipt/", mine.my_receipt, name="my_receipt"),
    path("mine/reminders/", reminders.my_reminders, name="my_reminders"),
    path("mine/reminders/<str:duty>/", reminders.choose_mine, name="choose_mine"),
    path("mine/holds/<str:key>/", reminders.answer_hold, name="answer_hold"),
    path("mine/looks/", mine.my_looks, name="my_looks"),
    path("mine/leave/", mine.leave_mine, name="leave_mine"),
    path("follow/", follow.follow, name="follow"),
    path("follow/<str:code>/", status.status, name="followed"),
    path("follow/<str:code>/identity/", identity.identity, name="identity"),
    path("follow/<str:code>/proposal/", answers.proposal, name="proposal"),
    path("follow/<str:code>/solved/", answers.solved, name="solved"),
    path("follow/<str:code>/pass-on/", answers.passed_on, name="pass_on"),
    path("follow/<str:code>/withdraw/", answers.withdrawn, name="withdraw"),
    path("follow/<str:code>/reopen/", answers.reopened, name="reopen"),
    path("follow/<str:code>/more/", answers.more, name="more"),
    path("follow/<str:code>/looks/", status.looks, name="looks"),
    path("follow/<str:code>/leave/", status.leave, name="leave"),
    path("follow/<str:code>/letters/<str:letter>/", status.letter, name="letter"),
    path("follow/<str:code>/files/<str:file>/", status.file, name="file"),
]
