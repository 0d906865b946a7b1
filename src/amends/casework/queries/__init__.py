"""What other apps may ask about work on cases; see the README for the list."""

from amends.casework.choices import ActivityVerb as ActivityVerb
from amends.casework.choices import ComposerMode as ComposerMode
from amends.casework.choices import FollowUpEnd as FollowUpEnd
from amends.casework.choices import NotificationKind as NotificationKind
from amends.kit.placeholders import UnableToFillPlaceholder as UnableToFillPlaceholder
from amends.kit.placeholders import placeholders_in as placeholders_in
