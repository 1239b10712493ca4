// The second window.
import { createApp } from "vue";
import PulseWindow from "./PulseWindow.vue";
import "./style.css";

createApp(PulseWindow).mount("#app");
