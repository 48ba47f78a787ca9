"""The headless half: receiver, jobs, store and actions. Never imports Textual."""
