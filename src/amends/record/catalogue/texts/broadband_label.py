"""The US broadband label of an offer (47 CFR 8.1(a); FCC 22-86), as a row of the public table.

Field names and order: the draft machine-readable label (jlivingood/Broadband-Labels, 2024-07-17).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date

from amends.platform.kit.money import digits_of
from amends.platform.tabular.exports import write_csv
from amends.record.facts.offers.key_facts import KeyFacts

FIELDS = tuple(
    """
    date_published regulator_name regulator_version_number connection_type fcc_registration_number
    unique_plan_identifier network_technology_type provider_name service_plan_name
    bandwidth_download_units bandwidth_download_marketed_low bandwidth_download_marketed_high
    bandwidth_download_typical_low bandwidth_download_typical_high bandwidth_upload_units
    bandwidth_upload_marketed_low bandwidth_upload_marketed_high bandwidth_upload_typical_low
    bandwidth_upload_typical_high latency_idle_low latency_idle_high currency price_type
    price_details price_recurring fee_introductory fee_introductory_description contract_required
    contract_details contract_terms_uri fee_one_time_amount fee_one_time_details fee_recurring
    fee_recurring_description fee_pass_through_recurring fee_early_termination
    fee_early_termination_description government_taxes policy_data_usage fee_data_usage
    fee_data_usage_description uri_data_usage restrictions_apply uri_policy_network_management
    uri_policy_privacy uri_customer_support customer_support_phone country_code asn
    uri_policy_additional_terms language latency_working_low latency_working_high jitter_low
    jitter_high uptime
    """.split()
)


def label(facts: KeyFacts, *, provider: str, on: date) -> dict[str, str]:
    """The label of an offer that has an identifier of its plan (`plan_id`)."""
    label_values = {
        "date_published": on.isoformat(),
        "regulator_name": "FCC",
        "regulator_version_number": "FCC 22-86",
        "connection_type": "Mobile" if facts.plan_id.startswith("M") else "Fixed",
        "fcc_registration_number": facts.plan_id[1:11],
        "unique_plan_identifier": facts.plan_id,
        "network_technology_type": facts.technology,
        "provider_name": provider,
        "service_plan_name": facts.name_en or facts.name,
        "country_code": "US",
        "language": "en",
        "uri_policy_network_management": facts.network_url,
        "uri_policy_privacy": facts.privacy_url,
        "uri_customer_support": facts.support_url,
        "customer_support_phone": facts.support_phone,
        "restrictions_apply": _yes(bool(facts.conditions_en or facts.eligible_en)),
    }
    label_values |= _speeds(facts) | _prices(facts) | _data(facts)
    return {name: label_values.get(name, "") for name in FIELDS}


def _speeds(facts: KeyFacts) -> dict[str, str]:
    typical = _figure(facts.down_median_peak_mbps)
    return {
        "bandwidth_download_units": "Mbps",
        "bandwidth_download_marketed_low": _figure(facts.down_nominal_mbps),
        "bandwidth_download_marketed_high": _figure(facts.down_nominal_mbps),
        "bandwidth_download_typical_low": _figure(facts.measured_low_mbps) or typical,
        "bandwidth_download_typical_high": _figure(facts.measured_high_mbps) or typical,
        "bandwidth_upload_units": "Mbps",
        "bandwidth_upload_marketed_low": _figure(facts.up_nominal_mbps),
        "bandwidth_upload_marketed_high": _figure(facts.up_nominal_mbps),
        "latency_idle_low": _figure(facts.latency_ms),
        "latency_idle_high": _figure(facts.latency_ms),
    }


def _prices(facts: KeyFacts) -> dict[str, str]:
    intro = facts.promo_price is not None
    months = facts.contract_months
    return {
        "currency": facts.currency,
        "price_type": "Introductory" if intro else "Regular",
        "price_recurring": _amount(facts.monthly(facts.price or 0), facts),
        "price_details": f"Introductory price for {facts.promo_months:g} months"
        if intro and facts.promo_months
        else "",
        "fee_introductory": _amount(facts.promo_price, facts),
        "fee_introductory_description": "Price a month of the introductory period" if intro else "",
        "contract_required": _yes(bool(months)),
        "contract_details": f"{months:g} months" if months else "",
        "contract_terms_uri": facts.terms_url,
        "fee_one_time_amount": _amount(facts.one_time_fee, facts),
        "fee_one_time_details": "At the start" if facts.one_time_fee else "",
        "fee_early_termination": _amount(facts.early_termination_fee, facts),
        "fee_early_termination_description": "For leaving before the end of the contract"
        if facts.early_termination_fee
        else "",
        "government_taxes": "Varies by location",
    }


def _data(facts: KeyFacts) -> dict[str, str]:
    usage_text = f"{facts.data_gb:g} GB" if facts.data_gb is not None else "Unlimited"
    if facts.throttle_after_gb is not None:
        usage_text += (
            f"; reduced to {facts.throttle_mbps or 0:g} Mbps after {facts.throttle_after_gb:g} GB"
        )
    return {
        "policy_data_usage": usage_text,
        "fee_data_usage": _amount(facts.overage_per_gb, facts),
        "fee_data_usage_description": "A GB beyond the data included"
        if facts.overage_per_gb is not None
        else "",
    }


def labels_csv(offers: Iterable[KeyFacts], *, provider: str, on: date) -> str:
    """The labels of all offers that have an identifier, at one address as the rule asks."""
    out = io.StringIO()
    labels = (label(offer, provider=provider, on=on) for offer in offers if offer.plan_id)
    write_csv(out, FIELDS, ([row[name] for name in FIELDS] for row in labels))
    return out.getvalue()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _amount(value: float | None, facts: KeyFacts) -> str:
    return "" if value is None else f"{value:.{digits_of(facts.currency)}f}"


def _yes(value: bool) -> str:
    return "Yes" if value else "No"
