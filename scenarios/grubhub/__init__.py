"""The public Grubhub instances of the Meal Delivery Routing Problem: reading one, and writing its solution.

References
----------
Reyes, D., Erera, A., Savelsbergh, M., Sahasrabudhe, S., O'Neil, R. (2018). The meal delivery routing problem.
Optimization Online 6571. Data: github.com/grubhub/mdrplib.
"""

from scenarios.grubhub.instance import is_instance, read_instance
from scenarios.grubhub.solution import write_solution
from scenarios.grubhub.thinning import checked_share, thinned

__all__ = ["checked_share", "is_instance", "read_instance", "thinned", "write_solution"]
