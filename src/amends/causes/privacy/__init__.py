"""Personal data: services reviewed before launch, looks watched in use, decisions on misuse."""
