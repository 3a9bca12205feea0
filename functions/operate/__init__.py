"""Operating routes: deploy, undeploy, redrive and reconcile, for keys with a write scope."""
