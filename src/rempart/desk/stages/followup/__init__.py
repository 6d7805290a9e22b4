"""4. Did it work?"""
