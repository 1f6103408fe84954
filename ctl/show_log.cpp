#include "ctl/show_log.hpp"

#include "common/base/errc.hpp"
#include "ctl/log_line.hpp"
#include "ctl/log_reader.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

int show_log(Context& context, const std::string& path, bool with_account, const Mask& mask) {
    std::size_t lines = k_tail_lines_default;
    if (const auto text = context.arguments.value("lines")) {
        const auto count = parse_count(*text, LogReader::k_lines_max);
        if (!count)
            return report(context, count.error(), ExitCode::usage);
        lines = static_cast<std::size_t>(*count);
    }
    const LineStyle style{.colour = context.out.coloured(),
                          .raw = context.arguments.has("raw") || context.globals.json,
                          .with_account = with_account};
    std::size_t printed = 0;
    const auto print = [&](std::string_view line) {
        ++printed;
        if (mask)
            append_log_line(context.out.buffer(), mask(line), style);
        else
            append_log_line(context.out.buffer(), line, style);
    };
    LogReader reader(path);
    const bool follow = context.arguments.has("follow");
    const auto shown = reader.tail(lines, print);
    const bool missing = !shown && shown.error().code() == Errc::not_found;
    if (!shown && !(follow && missing))
        return report(context, shown.error(), ExitCode::failed);
    if (!follow) {
        reader.finish(print);
        if (printed == 0 && lines != 0)
            context.err.line(path + " is empty.", Colour::dim);
        return 0;
    }
    const auto flush = [&] { return context.out.flush(); };
    const auto followed = reader.follow(print, flush, context.out.fd());
    return followed ? 0 : report(context, followed.error(), ExitCode::failed);
}

}  // namespace bullpen::ctl
