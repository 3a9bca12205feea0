"""The tasks of the provisioning workflow, one module each."""
