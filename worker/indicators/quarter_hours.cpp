#include "worker/indicators/quarter_hours.hpp"
