"""What each status of a message centre means for the message it answers (SMPP 3.4, 5.1.3)."""

from __future__ import annotations

from typing import Literal

Kind = Literal["passing", "permanent", "throttled", "ours"]

# A centre's own codes (0x400–0x4FF) and any not named here are passing: trying again costs little,
# giving up a notice that would have arrived costs a duty.
_STATUSES: dict[int, tuple[str, Kind]] = {
    0x01: ("RINVMSGLEN", "permanent"),
    0x02: ("RINVCMDLEN", "ours"),
    0x03: ("RINVCMDID", "ours"),
    0x04: ("RINVBNDSTS", "ours"),
    0x05: ("RALYBND", "ours"),
    0x06: ("RINVPRTFLG", "ours"),
    0x07: ("RINVREGDLVFLG", "ours"),
    0x08: ("RSYSERR", "passing"),
    0x0A: ("RINVSRCADR", "ours"),
    0x0B: ("RINVDSTADR", "permanent"),
    0x0C: ("RINVMSGID", "passing"),
    0x0D: ("RBINDFAIL", "ours"),
    0x0E: ("RINVPASWD", "ours"),
    0x0F: ("RINVSYSID", "ours"),
    0x14: ("RMSGQFUL", "throttled"),
    0x15: ("RINVSERTYP", "ours"),
    0x43: ("RINVESMCLASS", "permanent"),
    0x45: ("RSUBMITFAIL", "passing"),
    0x48: ("RINVSRCTON", "ours"),
    0x49: ("RINVSRCNPI", "ours"),
    0x50: ("RINVDSTTON", "permanent"),
    0x51: ("RINVDSTNPI", "permanent"),
    0x53: ("RINVSYSTYP", "ours"),
    0x58: ("RTHROTTLED", "throttled"),
    0x61: ("RINVSCHED", "ours"),
    0x62: ("RINVEXPIRY", "ours"),
    0x64: ("RX_T_APPN", "passing"),
    0x65: ("RX_P_APPN", "permanent"),
    0x66: ("RX_R_APPN", "permanent"),
    0xC0: ("RINVOPTPARSTREAM", "ours"),
    0xC1: ("ROPTPARNOTALLWD", "ours"),
    0xC2: ("RINVPARLEN", "permanent"),
    0xC4: ("RINVOPTPARAMVAL", "ours"),
    0xFE: ("RDELIVERYFAILURE", "passing"),
    0xFF: ("RUNKNOWNERR", "passing"),
}


def kind_of(status: int) -> Kind:
    """What to do about `status`.

    `permanent`  the centre will never take this message
    `throttled`  slow down; the message costs no try
    `ours`       our settings are wrong, not this message: tried again, never given up at once
    `passing`    everything else

    >>> kind_of(0x0B), kind_of(0x58), kind_of(0x0A), kind_of(0x0401)
    ('permanent', 'throttled', 'ours', 'passing')
    """
    return _STATUSES.get(status, ("", "passing"))[1]


def name_of(status: int) -> str:
    """The status as an operator of a message centre knows it.

    >>> name_of(0x58), name_of(0x0401)
    ('0x58 RTHROTTLED', '0x401')
    """
    return f"0x{status:02x} {_STATUSES.get(status, ('', ''))[0]}".strip()
