"""What other rooms may do with what people leave on the public site."""
