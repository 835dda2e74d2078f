"""What is looked for, as one visible tuple; its order is the order of the looks.

To add a detector: one file here with a ``RiderDetector`` or an ``OrderDetector``, one line in ``DETECTORS``,
and its word in ``domain.incidents.IncidentType``.
"""

from tracking.detectors.detector import OrderDetector, RiderDetector
from tracking.detectors.gps_signal_loss import GpsSignalLoss
from tracking.detectors.late import Late
from tracking.detectors.late_predicted import LatePredicted

DETECTORS: tuple[RiderDetector | OrderDetector, ...] = (GpsSignalLoss(), LatePredicted(), Late())

RIDER_DETECTORS = tuple(detector for detector in DETECTORS if isinstance(detector, RiderDetector))
ORDER_DETECTORS = tuple(detector for detector in DETECTORS if isinstance(detector, OrderDetector))

__all__ = ["DETECTORS", "ORDER_DETECTORS", "RIDER_DETECTORS", "OrderDetector", "RiderDetector"]
