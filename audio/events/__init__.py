"""The ways out of what happened: MQTT and webhooks. Both are off until somebody sets them; paho lives here alone."""
