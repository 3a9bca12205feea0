"""Logs of deployments' containers: redacted, bounded, and kept when a deployment fails."""
