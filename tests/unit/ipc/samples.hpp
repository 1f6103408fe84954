// One or more messages of each type with every field set, and with none but the required ones; the
// golden frames and the schemas are tried on them.
#pragma once

#include <string>
#include <vector>

#include "ipc/control.hpp"
#include "ipc/message.hpp"

namespace bullpen::ipc::samples {

struct Sample {
    std::string name;  // of the golden file
    Message message;
};
std::vector<Sample> messages();

struct RequestSample {
    std::string name;
    Request request;
};
std::vector<RequestSample> requests();

struct ReplySample {
    std::string name;
    Reply reply;
};
std::vector<ReplySample> replies();

// The JSON text of `frame` with the top-level field taken away or set to `value` (JSON text).
std::string without(const std::string& frame, const std::string& field);
std::string with(const std::string& frame, const std::string& field, const std::string& value);
std::vector<std::string> fields_of(const std::string& frame);

}  // namespace bullpen::ipc::samples
