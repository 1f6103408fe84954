// What a monitor sends is anybody's bytes. However they are cut, they end in the same answer, and
// never in more of it than there is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/errc.hpp"
#include "health/http.hpp"
#include "health/page.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::health;

void require(bool condition) {
    if (!condition)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    RequestReader whole;
    const auto state = whole.take(bytes);
    RequestReader cut;
    auto last = Reading::more;
    for (std::size_t at = 0; at < size && last == Reading::more; ++at)
        last = cut.take(bytes.substr(at, 1));
    // What follows a whole request is nobody's; cut small it is not looked at. One that comes in
    // pieces may be known as broken only when the end of its fields is there.
    const bool undecided = state == Reading::broken && last == Reading::more &&
                           bytes.find("\r\n\r\n") == std::string_view::npos;
    require(size == 0 || size > k_request_max || state == last || undecided);
    if (state != Reading::whole)
        return 0;
    const auto request = whole.request();
    require(cut.request().target == request.target && cut.request().host == request.host);
    const Result<ctl::FleetView> none = fail(Errc::not_found, "no home");
    const auto answered = answer(request, none, Instant());
    require(answered.status >= 200 && answered.status < 600);
    require(bytes_of(answered, false).ends_with(answered.body + "\n"));
    return 0;
}
