#include "ipc/message.hpp"

#ifndef BULLPEN_PROTOCOL
#define BULLPEN_PROTOCOL 1
#endif

namespace bullpen::ipc {

const int k_protocol = BULLPEN_PROTOCOL;
const int k_protocol_min = BULLPEN_PROTOCOL > 2 ? BULLPEN_PROTOCOL - 2 : 0;

}  // namespace bullpen::ipc
