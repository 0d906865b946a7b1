"""What other apps may do with what people leave on the public site."""
