import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Machine;

/** Answers the lines of the command patterns with AWS's event-ruler. */
public class EventRuler {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new java.io.BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode pair = mapper.readTree(line);
            out.println(answer(pair.get("pattern").asText(), pair.get("event").asText()));
        }
        out.flush();
    }

    private static String answer(String pattern, String event) throws Exception {
        Machine machine = new Machine();
        try {
            machine.addRule("rule", pattern);
        } catch (IOException | RuntimeException refused) {
            return "invalid";
        }
        return String.valueOf(!machine.rulesForJSONEvent(event).isEmpty());
    }
}
