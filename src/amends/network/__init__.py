"""Quality of the network, and the speed tests that users run."""
