"""What other apps may ask about work on cases; see the README for the list."""

from amends.platform.kit.placeholders import UnableToFillPlaceholder as UnableToFillPlaceholder
from amends.platform.kit.placeholders import placeholders_in as placeholders_in
from amends.work.casework.choices import ActivityVerb as ActivityVerb
from amends.work.casework.choices import ComposerMode as ComposerMode
from amends.work.casework.choices import FollowUpEnd as FollowUpEnd
from amends.work.casework.choices import NotificationKind as NotificationKind
