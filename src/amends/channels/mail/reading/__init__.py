"""From the bytes of a mail to what somebody says in it. Pure, and never raising, whatever comes."""
