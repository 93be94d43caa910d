"""What `refundd setup` and `install-service` know of providers, servers and units."""
