"""Addresses of the Open APIs."""

from __future__ import annotations

from django.urls import path

from amends.entrances.tmforum.web import tickets

_TICKETS = "tmf-api/troubleTicket"

urlpatterns = [
    pattern
    for face in (tickets.V5, tickets.V4, tickets.V2)
    for pattern in (
        path(f"{_TICKETS}/{face.version}/troubleTicket", tickets.tickets, {"face": face}),
        path(f"{_TICKETS}/{face.version}/troubleTicket/", tickets.tickets, {"face": face}),
        path(
            f"{_TICKETS}/{face.version}/troubleTicket/<path:ref>",
            tickets.one_ticket,
            {"face": face},
        ),
    )
] + [
    path(f"{_TICKETS}/v5/troubleTicketSpecification", tickets.ticket_specifications),
    path(f"{_TICKETS}/v5/troubleTicketSpecification/<path:ref>", tickets.one_ticket_specification),
]
