"""The names of all settings, so that a misspelt one is told and not passed over."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

PREFIX = "AMENDS_"
KNOWN = frozenset(
    """
    ALLOWED_HOSTS APP_SECRET_FILE APP_URL BACKUP_EXPECTED BASE_URL BREACHED_PASSWORDS BY_HAND
    DATABASE_URL DATA_DIR DISKS ERASURES_FILE FALSE_ISSUES_A_WEEK IMAP_DONE_FOLDER
    IMAP_PASSWORD_FILE IMAP_SENT_FOLDER IMAP_URL LANGUAGE LOCAL_SIGN_IN LOG_LEVEL
    MAIL_CA_FILE MAIL_FROM MAIL_MAX_MB MAIL_TIMEOUT_S NETWORK_DIR NOTIFY_STAFF_BY_MAIL
    OIDC_CLAIMS_FILE OIDC_CLIENT_ID
    OIDC_CLIENT_SECRET_FILE OIDC_ISSUER OIDC_NAME OIDC_SCOPE OIDC_SECOND_FACTOR
    OPERATOR_HOTLINE OPERATOR_HOURS OPERATOR_HOURS_EN OPERATOR_NAME OPERATOR_NAME_EN
    OPERATOR_PRIVACY_URL OPERATOR_REGULATOR OPERATOR_REGULATOR_EN
    OUTCOME_AFTER_DAYS OWNER_DATABASE_URL PACK PLAIN_HTTP REQUIRE_MFA RETENTION_DAILY
    SCANNER SEMANTIC SENDS_AN_HOUR SESSION_HOURS SESSION_IDLE_MINUTES
    SMPP_ALPHABET SMPP_CA_FILE SMPP_ENQUIRE_S
    SMPP_PASSWORD_FILE SMPP_PER_SECOND SMPP_RECEIPT_IDS SMPP_SYSTEM_TYPE SMPP_TIMEOUT_S
    SMPP_URL SMPP_WINDOW SMS_FROM SOCIAL_FILE
    SMS_MAX_PARTS SMTP_PASSWORD_FILE SMTP_URL SPEED_SECRET_FILE SPEED_URL SQLITE_FILE
    STATIC_ROOT TESTING TIME_ZONE TRACES_URL TRUSTED_ORIGINS TRUSTED_PROXIES USAGE_DIR
    """.split()
)
"""As docs/operator/settings.md lists them, without the prefix."""
_ALIKE = 0.85


def misspelt(given: Iterable[str]) -> list[tuple[str, str]]:
    """Variables that are no setting and look like one, each with the setting meant.

    >>> misspelt(["AMENDS_ALOWED_HOSTS", "AMENDS_PACK", "AMENDS_OF_MY_OWN", "HOME"])
    [('AMENDS_ALOWED_HOSTS', 'AMENDS_ALLOWED_HOSTS')]
    """
    found = []
    for name in sorted(given):
        own = name.removeprefix(PREFIX)
        if own == name or own in KNOWN:
            continue
        if meant := get_close_matches(own, KNOWN, 1, _ALIKE):
            found.append((name, PREFIX + meant[0]))
    return found
