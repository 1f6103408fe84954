#include "common/model/instrument.hpp"
