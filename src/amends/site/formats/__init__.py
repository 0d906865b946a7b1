"""The date formats of each language, for what Django formats by itself (`FORMAT_MODULE_PATH`)."""
