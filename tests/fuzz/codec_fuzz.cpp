// Any bytes at all as a frame: nothing crashes, and what is accepted can be encoded and read again
// to the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/assert.hpp"
#include "ipc/codec.hpp"
#include "ipc/control.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view frame(reinterpret_cast<const char*>(data), size);
    if (const auto message = decode(frame)) {
        const auto once = encode(*message);
        const auto again = decode(once);
        BULLPEN_ASSERT(again.has_value(), "what was encoded can be decoded");
        BULLPEN_ASSERT(encode(*again) == once, "encoding is stable");
    }
    if (const auto request = decode_request(frame)) {
        const auto again = decode_request(encode(*request));
        BULLPEN_ASSERT(again && *again == *request, "a request survives the wire");
    }
    if (const auto reply = decode_reply(frame)) {
        const auto again = decode_reply(encode(*reply));
        BULLPEN_ASSERT(again && *again == *reply, "a reply survives the wire");
    }
    return 0;
}
