"""The realtime audio server: gateway, slices and the floor they stand on."""
