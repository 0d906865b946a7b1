"""Documents made of the record: tariff sheet, broadband label, contract summary."""
