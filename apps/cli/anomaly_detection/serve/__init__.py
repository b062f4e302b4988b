"""Running the services: the only place of this package that knows them."""
