"""Services, apps and partners of the operator checked: apps, links of a service, content."""
